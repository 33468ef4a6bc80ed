// MIT's libgssapi_krb5 as a Swift module: Debian's libkrb5-dev, or krb5-devel elsewhere.
#pragma once

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

// The library's constants are pointers to what may be changed, for all that C says of them; as functions they are values.

/// Kerberos 5, the only mechanism that is spoken here.
static inline gss_OID authorizer_kerberos_mechanism(void) { return gss_mech_krb5; }

/// Names that are principals as libkrb5 writes them. Nothing about them is looked up in DNS.
static inline gss_OID authorizer_principal_name_type(void) { return GSS_KRB5_NT_PRINCIPAL_NAME; }
