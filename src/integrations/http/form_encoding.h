#pragma once

#include <string>

#include "json/value.h"

namespace weft::http {

// How arrays stand in a form: a[0]=x&a[1]=y, a=x&a=y, a=x,y or a[]=x&a[]=y.
enum class ArrayFormat { kIndices, kRepeat, kCommas, kBrackets };

// An object as application/x-www-form-urlencoded; members of objects inside it are `outer[inner]`
// (AWS page "Call HTTPS APIs", "Applying URL-encoding on request body"). null is an empty value.
std::string form_encode(const json::Value& object, ArrayFormat format);

// A string as it is, other values as JSON; null is "".
std::string plain_text(const json::Value& value);

}  // namespace weft::http
