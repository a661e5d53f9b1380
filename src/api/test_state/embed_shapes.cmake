# Writes OUTPUT, a C++ source that defines kResultShapes: the text of FILE without its comments.
file(READ ${FILE} text)
string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
file(WRITE ${OUTPUT} "#include \"api/test_state/result_shapes_text.h\"\n\nnamespace weft::api {\n"
  "const std::string_view kResultShapes = R\"weft(${text})weft\";\n}  // namespace weft::api\n")
