// MIT libkrb5 as a Swift module: Debian's libkrb5-dev, or krb5-devel elsewhere.
#pragma once

#include <krb5.h>
#include <profile.h>
