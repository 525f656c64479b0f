package stubserver

import "encoding/binary"

// unpackItems reads the inputs of a request to SIE: {"items":[{"text":…} or
// {"images":[{"data":…,"format":…}]},…],"params":…}.
func unpackItems(body []byte) ([]string, bool) {
	u := &unpacker{b: body}
	request, _ := u.value(0).(map[string]any)
	items, _ := request["items"].([]any)
	if u.bad || len(u.b) != 0 || items == nil {
		return nil, false
	}
	inputs := make([]string, 0, len(items))
	for _, item := range items {
		input, ok := itemInput(item)
		if !ok {
			return nil, false
		}
		inputs = append(inputs, input)
	}
	return inputs, true
}

func itemInput(item any) (string, bool) {
	fields, _ := item.(map[string]any)
	if text, ok := fields["text"].(string); ok {
		return text, true
	}
	images, _ := fields["images"].([]any)
	if len(images) != 1 {
		return "", false
	}
	image, _ := images[0].(map[string]any)
	data, isBinary := image["data"].([]byte)
	format, _ := image["format"].(string)
	return string(data), isBinary && (format == "jpeg" || format == "png")
}

// unpacker reads MessagePack: nil, booleans, strings, binaries, lists and maps
// with strings as keys.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) value(depth int) any {
	head := u.take(1)
	if u.bad || depth > 16 {
		u.bad = true
		return nil
	}
	switch c := head[0]; {
	case c == 0xc2 || c == 0xc3:
		return c == 0xc3
	case c&0xf0 == 0x80:
		return u.fields(int(c&0x0f), depth)
	case c&0xf0 == 0x90:
		return u.list(int(c&0x0f), depth)
	case c&0xe0 == 0xa0:
		return string(u.take(int(c & 0x1f)))
	case c >= 0xc4 && c <= 0xc6:
		return u.take(u.length(c - 0xc4))
	case c >= 0xd9 && c <= 0xdb:
		return string(u.take(u.length(c - 0xd9)))
	case c == 0xdc || c == 0xdd:
		return u.list(u.length(c-0xdb), depth)
	case c == 0xde || c == 0xdf:
		return u.fields(u.length(c-0xdd), depth)
	}
	u.bad = true
	return nil
}

func (u *unpacker) take(n int) []byte {
	if n < 0 || n > len(u.b) {
		u.bad = true
		return make([]byte, 1)
	}
	taken := u.b[:n]
	u.b = u.b[n:]
	return taken
}

// length reads a number of 1, 2 or 4 bytes.
func (u *unpacker) length(power byte) int {
	raw := u.take(1 << power)
	switch {
	case u.bad:
		return 0
	case power == 0:
		return int(raw[0])
	case power == 1:
		return int(binary.BigEndian.Uint16(raw))
	}
	return int(binary.BigEndian.Uint32(raw))
}

func (u *unpacker) list(n, depth int) []any {
	list := []any{}
	for range n {
		if u.bad {
			break
		}
		list = append(list, u.value(depth+1))
	}
	return list
}

func (u *unpacker) fields(n, depth int) map[string]any {
	fields := map[string]any{}
	for range n {
		if u.bad {
			break
		}
		name, _ := u.value(depth + 1).(string)
		fields[name] = u.value(depth + 1)
	}
	return fields
}
