//go:build tools

// Package tools names the provider's program, so that this module pins all that it is built from.
package tools

import _ "github.com/hashicorp/terraform-provider-tls"
