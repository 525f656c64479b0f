package configs

import "reflect"

// Server returns the kind of an endpoint, which is its key in the file, and
// its address, "" where it has none.
func (e Endpoint) Server() (kind string, address URL) {
	fields := reflect.ValueOf(e)
	for i := range fields.NumField() {
		key, server := fields.Type().Field(i).Tag.Get("yaml"), fields.Field(i)
		switch server.Kind() { // of the kinds of fields that there are
		case reflect.String:
			if server.Len() > 0 {
				return key, URL(server.String())
			}
		case reflect.Pointer:
			if server.IsNil() {
				continue
			}
			if field := server.Elem().FieldByName("URL"); field.IsValid() && field.Kind() == reflect.String {
				address = URL(field.String())
			}
			return key, address
		}
	}
	return "", ""
}
