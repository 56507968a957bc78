/// Which endpoint of a service, and which address of it, takes a connection.
///
/// [EndpointChooser] is pure but for its source of randomness: it reads one snapshot and answers.
/// The rules are upstream's (istio/ztunnel `src/state.rs`): filter, rank by preferences, weigh by
/// capacity.
@NullMarked
package dev.kiri.ztunnel.balance;

import org.jspecify.annotations.NullMarked;
