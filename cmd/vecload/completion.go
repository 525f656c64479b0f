package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// The scripts ask the program itself what may come next, by the option
// --generate-bash-completion of urfave/cli.
const (
	bashCompletion = `_vecload() {
  local current words
  current="${COMP_WORDS[COMP_CWORD]}"
  if [[ "$current" == -* ]]; then
    words=$("${COMP_WORDS[@]:0:COMP_CWORD}" "$current" --generate-bash-completion 2>/dev/null)
  else
    words=$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _vecload vecload
`
	zshCompletion = `#compdef vecload
_vecload() {
  local -a words_out
  local current=${words[-1]}
  if [[ "$current" == "-"* ]]; then
    words_out=("${(@f)$(_CLI_ZSH_AUTOCOMPLETE_HACK=1 ${words[@]:0:#words[@]-1} ${current} --generate-bash-completion 2>/dev/null)}")
  else
    words_out=("${(@f)$(_CLI_ZSH_AUTOCOMPLETE_HACK=1 ${words[@]:0:#words[@]-1} --generate-bash-completion 2>/dev/null)}")
  fi
  if [[ -n "${words_out[1]}" ]]; then
    _describe 'vecload' words_out
  fi
  _files
}
compdef _vecload vecload
`
)

func completionCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `bash:  source <(vecload completion bash)
zsh:   source <(vecload completion zsh)
fish:  vecload completion fish | source`,
		Action: func(c *cli.Context) error {
			var script string
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
			default:
				return &usageError{
					err:  fmt.Errorf("there is no completion for shell %q", shell),
					hint: "vecload completion bash, zsh or fish",
				}
			}
			_, err := fmt.Fprint(p.stdout, script)
			return err
		},
	}
}
