package configs

func (e *Embed) ofImages() bool { return e.Input == InputImage }

// images checks that images are read if and only if vectors are made of them.
// Searching reads nothing, so that a file without a source lacks none.
func (c *Config) images(v *validator) {
	of := ""
	for _, lane := range c.Lanes() {
		if lane.Embed.ofImages() {
			of = lane.Path
			break
		}
	}
	s := c.Source
	v.name(s.Image, "source.image")
	read := len(s.Path) > 0 || v.given("source")
	v.check(of == "" || s.Image != "" || !read, "source.image", "is missing: the field that holds the images which %s is made of", of)
	v.check(of != "" || s.Image == "", "source.image", "has no effect: no vector is made of images; one is with input: image")
	alone := of == "" && s.Image == ""
	v.check(!alone || s.ImageFolder == "", "source.image_folder", "has no effect without source.image, the field that holds the images")
	v.check(!alone || !s.ImageURLs, "source.image_urls", "has no effect without source.image, the field that holds the images")
}

// takes checks that an endpoint can be sent what the vectors are made of.
func (e Endpoint) takes(v *validator, path string, embed *Embed) {
	if !embed.ofImages() {
		v.check(e.Raw == nil, path+".raw", "takes images, one a request, and no texts; it is for input: image")
		v.check(e.OpenAI == nil || e.OpenAI.Images == "", path+".openai.images", "is for input: image; here vectors are made of texts")
		return
	}
	const others = "; servers that take images are openai, cohere, sie and raw"
	v.check(e.HuggingFace == nil, path+".huggingface", "takes texts only: nobody behind Hugging Face's router makes vectors of images%s", others)
	v.check(e.InferenceEndpoint == nil, path+".inference_endpoint",
		"is asked for vectors of texts only; give the url as raw, if each request is to be one image, or as openai, if the engine speaks that")
	v.check(e.TEI == nil, path+".tei", "takes texts only%s", others)
	v.check(e.Ollama == nil, path+".ollama", "makes vectors of texts only%s", others)
	v.check(e.AnyServer == nil, path+".server", "is of unknown kind, which is found out for texts only; name it as openai, cohere, sie or raw")
}
