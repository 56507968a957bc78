/// Does an implementation of HBONE do on the wire what upstream's do? The cases, the examiner, and
/// the command `./kiri hbone-conformance`.
///
/// Entry types: [dev.kiri.hbone.conformance.ServerCases] (the registry) and
/// [dev.kiri.hbone.conformance.SelfServer] (this library's server as the examined side). The
/// examiner stands on [dev.kiri.hbone.conformance.wire], never on a tunnel of this library.
@NullMarked
package dev.kiri.hbone.conformance;

import org.jspecify.annotations.NullMarked;
