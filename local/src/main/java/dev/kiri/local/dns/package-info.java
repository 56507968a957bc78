/// Answers the names of the mesh, as a cluster's name server does, and says at once that everything
/// else does not exist.
///
/// Entry types: `DnsZone` (immutable names and addresses, made from objects), `DnsAnswers` (pure: a
/// query's bytes to an answer's bytes), `DnsServer` (UDP and TCP, inside every node).
@NullMarked
package dev.kiri.local.dns;

import org.jspecify.annotations.NullMarked;
