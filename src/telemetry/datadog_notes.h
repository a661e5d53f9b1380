#pragma once

#include <string_view>

#include "telemetry/decode_traces.h"
#include "telemetry/msgpack_reader.h"

// Events and links of spans in Datadog's formats: as members of a span (v0.4 and v0.7, to an agent
// that says "span_events" in /info), and as JSON in its `meta`.

namespace weft::telemetry {

// The value of the member "span_events", and of "span_links". False: the reader has the error.
bool read_span_events(MsgpackReader& reader, InnerSpan& span);
bool read_span_links(MsgpackReader& reader, InnerSpan& span);

// The entries "events" and "_dd.span_links" of `meta`. False: it is not their form.
bool set_meta_events(std::string_view json, InnerSpan& span);
bool set_meta_links(std::string_view json, InnerSpan& span);

}  // namespace weft::telemetry
