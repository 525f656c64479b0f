package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

const exitCodeHelp = `EXIT CODES:
   0    done
   1    failed; of verify: the index is not what the corpus says
   2    wrong use or configuration
   3    done, but some documents were rejected
   4    no endpoint serves the model, nor any alternative; nothing was written
   5    stopped by rights or credit
   130  interrupted; what was done is kept, and the same command goes on
`

// run executes one command line and returns its exit code.
func run(ctx context.Context, p process) int {
	p.stdout, p.stderr = newScreen(p.stdout), newScreen(p.stderr)
	app := newApp(p) //nolint:contextcheck // commands take the context that RunContext is given
	args, err := flagsFirst(app, p.args)
	if err == nil {
		err = app.RunContext(ctx, append([]string{app.Name}, args...))
	}
	err = alsoFailed(err, reportMisuse(app, p.args, err))
	printError(p.stderr, err)
	return exitCode(err)
}

func newApp(p process) *cli.App {
	app := &cli.App{
		Name:                   "vecload",
		Usage:                  "turn a corpus into a vector index and keep it fresh",
		UsageText:              "vecload COMMAND [OPTIONS] [ARGUMENTS]\n\n   vecload run docs.jsonl\n   vecload search \"how do I reset my password\"",
		HideVersion:            true,
		EnableBashCompletion:   true,
		Suggest:                true,
		Reader:                 p.stdin,
		Writer:                 p.stdout,
		ErrWriter:              p.stderr,
		ExitErrHandler:         func(*cli.Context, error) {}, // run decides
		CustomAppHelpTemplate:  cli.AppHelpTemplate + "\n" + exitCodeHelp,
		UseShortOptionHandling: false,
		OnUsageError:           onUsageError,
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowAppHelp(c)
			}
			return unknownCommand(c.App, c.Args().First())
		},
		Commands: []*cli.Command{
			runCommand(p),
			planCommand(p),
			verifyCommand(p),
			retryCommand(p),
			rollbackCommand(p),
			leftoversCommand(p),
			searchCommand(p),
			resolveCommand(p),
			checkCommand(p),
			versionCommand(p),
			completionCommand(p),
		},
	}
	for _, command := range app.Commands {
		command.OnUsageError, command.HideHelpCommand = onUsageError, true
	}
	return app
}

// onUsageError replaces the parser's way of printing the whole help for one
// wrong option.
func onUsageError(c *cli.Context, err error, _ bool) error {
	hint := "vecload --help lists the commands"
	if name := c.Command.Name; name != "" && name != c.App.Name {
		hint = "vecload " + name + " --help lists the options"
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		err = fmt.Errorf("unknown option --%s", name)
		if near := cli.SuggestFlag(c.Command.Flags, name, false); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
	}
	return &usageError{err: err, hint: hint, unparsed: true}
}

func unknownCommand(app *cli.App, name string) error {
	hint := "vecload --help lists the commands"
	if near := cli.SuggestCommand(app.Commands, name); near != "" {
		hint = strings.ToLower(near[:1]) + near[1:] + " " + hint
	}
	return &usageError{err: fmt.Errorf("unknown command %q", name), hint: hint}
}

// flagsFirst moves the options of a command before its arguments, since the
// parser stops at the first argument and people write
// "run docs.jsonl --text body".
func flagsFirst(app *cli.App, args []string) ([]string, error) {
	if len(args) == 0 || slices.Contains(args, "--generate-bash-completion") {
		return args, nil
	}
	command := app.Command(args[0])
	if command == nil {
		return args, nil
	}
	options, arguments := []string{args[0]}, []string{}
	for i := 1; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			arguments = append(arguments, args[i+1:]...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			arguments = append(arguments, arg)
			continue
		}
		options = append(options, arg)
		name, _, assigned := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if assigned || !takesValue(command, name) {
			continue
		}
		if i++; i == len(args) || strings.HasPrefix(args[i], "--") {
			return nil, &usageError{
				err:      fmt.Errorf("option %s needs a value", arg),
				hint:     "a value that begins with -- is written " + arg + "=--…; vecload " + args[0] + " --help lists the options",
				unparsed: true,
			}
		}
		options = append(options, args[i])
	}
	if len(arguments) > 0 {
		options = append(append(options, "--"), arguments...)
	}
	return options, nil
}

func takesValue(command *cli.Command, name string) bool {
	for _, flag := range command.Flags {
		if slices.Contains(flag.Names(), name) {
			documented, ok := flag.(cli.DocGenerationFlag)
			return ok && documented.TakesValue()
		}
	}
	return false
}

// noArguments refuses arguments for commands that take none.
func noArguments(c *cli.Context) error {
	if c.NArg() == 0 {
		return nil
	}
	return &usageError{
		err:  errors.New("unexpected argument " + c.Args().First()),
		hint: "vecload " + c.Command.Name + " --help shows what it takes",
	}
}
