package sources

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// maxWidth bounds the width and the precision of a verb of printf.
const maxWidth = 1000

// verbs splits a format of printf into its verbs, each from its % on.
func verbs(format string) ([]string, error) {
	var found []string
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		start := i
		i++
		i += len(format[i:]) - len(strings.TrimLeft(format[i:], "+-# 0"))
		for _, part := range []string{"", "."} {
			if !strings.HasPrefix(format[i:], part) {
				break
			}
			i += len(part)
			n := 0
			for ; i < len(format) && format[i] >= '0' && format[i] <= '9'; i++ {
				if n = n*10 + int(format[i]-'0'); n > maxWidth {
					return nil, fmt.Errorf("a width of printf is at most %d", maxWidth)
				}
			}
		}
		if i == len(format) {
			return nil, errors.New("the format of printf ends inside of a verb")
		}
		switch {
		case format[i] == '%' && i == start+1:
		case strings.IndexByte("sqvdfegt", format[i]) >= 0:
			found = append(found, format[start:i+1])
		default:
			return nil, errors.New("the verbs of printf are s q v d f e g t and %%")
		}
	}
	return found, nil
}

// checkFormat checks a call of printf before any record is seen.
func checkFormat(args []expr) error {
	format, ok := args[0].(constant)
	if !ok || pipeline.Value(format).Kind() != pipeline.KindString {
		return errors.New("the format of printf is a literal text")
	}
	found, err := verbs(pipeline.Value(format).Str())
	if err != nil {
		return err
	}
	if len(found) != len(args)-1 {
		return fmt.Errorf("printf has %d verbs and %d values", len(found), len(args)-1)
	}
	return nil
}

func sprintf(args []operand) (pipeline.Value, error) {
	format := args[0].value.Str()
	found, err := verbs(format)
	if err != nil {
		return pipeline.Null(), err
	}
	values := make([]any, len(found))
	size := len(format)
	for i, verb := range found {
		arg := args[i+1]
		if values[i], err = verbValue(verb[len(verb)-1], arg); err != nil {
			return pipeline.Null(), err
		}
		times := 1
		if verb[len(verb)-1] == 'q' {
			times = 4 // a byte such as NUL is quoted as \x00
		}
		if size += times*len(arg.value.Str()) + maxWidth; size > maxText {
			return pipeline.Null(), errTooLong()
		}
	}
	return pipeline.String(fmt.Sprintf(format, values...)), nil
}

// verbValue gives an argument as the verb takes it.
func verbValue(verb byte, arg operand) (any, error) {
	switch verb {
	case 'd':
		if arg.value.Kind() == pipeline.KindInt {
			return arg.value.Int(), nil
		}
	case 'f', 'e', 'g':
		if f, ok := number(arg.value); ok {
			return f, nil
		}
	case 't':
		if arg.value.Kind() == pipeline.KindBool {
			return arg.value.Bool(), nil
		}
	default:
		return arg.text()
	}
	return nil, fmt.Errorf("%%%c does not print %s", verb, a(arg.value.Kind()))
}
