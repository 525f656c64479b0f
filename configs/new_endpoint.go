package configs

import "reflect"

// NewEndpoint returns an endpoint of a kind, which is its key in the file, with
// the defaults of that kind. It reports whether there is such a kind.
func NewEndpoint(kind string, address URL, token Secret) (Endpoint, bool) {
	var e Endpoint
	fields := reflect.ValueOf(&e).Elem()
	for of, field := range fields.Fields() {
		if of.Tag.Get("yaml") != kind || field.Kind() != reflect.Pointer {
			continue
		}
		field.Set(reflect.New(field.Type().Elem()))
		if s, ok := reflect.TypeAssert[interface{ defaults() }](field); ok {
			s.defaults()
		}
		field.Elem().FieldByName("URL").Set(reflect.ValueOf(address))
		field.Elem().FieldByName("Token").Set(reflect.ValueOf(token))
		return e, true
	}
	return Endpoint{}, false
}

// WithToken returns the endpoint with another token.
func (e Endpoint) WithToken(token Secret) Endpoint {
	fields := reflect.ValueOf(&e).Elem()
	for _, field := range fields.Fields() {
		if field.Kind() == reflect.Pointer && !field.IsNil() {
			server := reflect.New(field.Type().Elem())
			server.Elem().Set(field.Elem())
			server.Elem().FieldByName("Token").Set(reflect.ValueOf(token))
			field.Set(server)
		}
	}
	return e
}
