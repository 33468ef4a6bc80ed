// Zstandard as a Swift module: Debian's libzstd-dev, or libzstd-devel elsewhere.
#pragma once

#include <zstd.h>
