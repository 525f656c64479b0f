package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
)

// loadConfig reads the file and lets the flags override it. Both tell all
// that is wrong at once; nothing else is opened before.
func loadConfig(c *cli.Context, p process) (configs.Config, error) {
	config, err := mergedConfig(c, p)
	if err != nil {
		return configs.Config{}, err
	}
	if err := config.Validate(append(wrongAddresses(config), reservedFields(config)...)...); err != nil {
		return configs.Config{}, err
	}
	return config, nil
}

// mergedConfig reads the file and lets the flags override it; the whole is
// still to be validated.
func mergedConfig(c *cli.Context, p process) (configs.Config, error) {
	config, err := readConfig(c, p)
	if err != nil {
		return configs.Config{}, err
	}
	if err := applyFlags(c, p, &config); err != nil {
		return configs.Config{}, err
	}
	config.Resolve(environment(p)) // once more, for an endpoint that a flag named
	return config, nil
}

// configFile is the file that is read for the configuration, if it is there.
func configFile(c *cli.Context) string {
	if c.IsSet("config") {
		return c.String("config")
	}
	return defaultConfig
}

// readFile reads no more than one byte above what a configuration may have.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written to it
	return io.ReadAll(io.LimitReader(file, configs.MaxFile+1))
}

func readConfig(c *cli.Context, p process) (configs.Config, error) {
	name, named := configFile(c), c.IsSet("config")
	data, err := readFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return configs.Default(), nil
	case err != nil:
		return configs.Config{}, &usageError{err: fmt.Errorf("cannot read the configuration: %w", err), hint: "name it with -c FILE, or leave -c out to run without one"}
	}
	return configs.Parse(name, data, environment(p))
}

func environment(p process) configs.Env { return configs.Env{Lookup: p.lookupEnv} }
