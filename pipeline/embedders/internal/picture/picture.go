// Package picture writes images into requests. An image is a string that
// holds the bytes of a JPEG or PNG file.
package picture

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Media returns the type of an image, image/jpeg or image/png, by its first
// bytes (ISO/IEC 10918-1, section B.1.1.3; PNG 3rd edition, section 5.2), and
// an error of class Rejected for all else. The rest of the image is not looked
// at.
func Media(image string) (string, error) {
	switch {
	case strings.HasPrefix(image, "\xff\xd8\xff"):
		return "image/jpeg", nil
	case strings.HasPrefix(image, "\x89PNG\r\n\x1a\n"):
		return "image/png", nil
	}
	return "", &pipeline.Error{
		Class: pipeline.Rejected,
		Err:   errors.New("the input is neither a JPEG nor a PNG file"),
		Hint:  "this endpoint embeds images, and takes them in these two formats only",
	}
}

// URIs returns each image as a data URI (RFC 2397) in base64.
func URIs(images []string) ([]string, error) {
	uris := make([]string, len(images))
	for i, image := range images {
		media, err := Media(image)
		if err != nil {
			return nil, err
		}
		uris[i] = uri(media, image)
	}
	return uris, nil
}

func uri(media, image string) string {
	var b strings.Builder
	b.Grow(len("data:;base64,") + len(media) + base64.StdEncoding.EncodedLen(len(image)))
	b.WriteString("data:" + media + ";base64,")
	encoder := base64.NewEncoder(base64.StdEncoding, &b)
	_, _ = encoder.Write([]byte(image)) // a strings.Builder takes everything
	_ = encoder.Close()
	return b.String()
}
