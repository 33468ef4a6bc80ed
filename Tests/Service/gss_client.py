"""A program for Debian's Python: prints the first token of an exchange, reads the answer, says whether it is done."""

import json
import sys

import gssapi


def main():
    wish = json.loads(sys.argv[1])
    # An empty set would stand for the library's own choice.
    flags = {gssapi.RequirementFlag.integrity}
    if wish["mutual"]:
        flags.add(gssapi.RequirementFlag.mutual_authentication)
    bindings = None
    if wish["bindings"]:
        bindings = gssapi.raw.ChannelBindings(
            initiator_address_type=gssapi.raw.AddressType.null, acceptor_address_type=gssapi.raw.AddressType.null,
            application_data=bytes.fromhex(wish["bindings"]))
    context = gssapi.SecurityContext(
        name=gssapi.Name(wish["service"], gssapi.NameType.kerberos_principal), mech=gssapi.MechType.kerberos,
        flags=flags, usage="initiate", channel_bindings=bindings)
    print(context.step().hex(), flush=True)
    reply = bytes.fromhex(sys.stdin.readline())
    if not reply:
        return
    try:
        context.step(reply)
    except gssapi.exceptions.GSSError as error:
        print(type(error).__name__)
    else:
        print("established" if context.complete else "unfinished")


main()
