#pragma once

#include <string>
#include <string_view>

#include "trace/secret_names.h"

namespace weft::trace {

// Writes `text`, which people and programs wrote for people (log lines, causes of errors), to `out`
// with "[redacted]" in place of secrets. Returns false, and writes nothing, when it has none.
//
// Hidden is what stands behind a name of `names`: `name=value`, `name: value`, `"name": "value"`
// (in JSON inside of strings as well), `name => value`, `name -> value`, `name := value`,
// `<name>value</name>`, `--name value`, `[["name", "value"]]`, and %-encoded `name%3Dvalue`,
// colours of terminals between them or not; a value alone on the next line, too, and blocks of
// YAML; quoted values to the quote that ends them, values in brackets to the bracket, headers
// (Authorization, Cookie) to the end of the line, others to the next blank or comma; and the value
// of a pair in braces, `{ name: 'password', value: 'x' }`, in either order. With
// `credentials` also what is a secret by its form, wherever it stands: `Bearer` and `Basic` with
// what follows, JSON Web Tokens, AWS access key ids and the secret keys beside them, private keys,
// tokens with well-known beginnings, passwords in URLs. Takes time in proportion to the length.
bool hide_in_text(std::string_view text, const SecretNames& names, bool credentials,
                  std::string& out);

}  // namespace weft::trace
