// Linked into programs that use jemalloc (weft_allocator), which reads it at its start. By default
// there are four arenas a core, each keeping memory of work that is done; few threads allocate
// here, and with two arenas a Map Run of a million children stays within a tenth of the memory of
// one of a hundred thousand.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2";
}
