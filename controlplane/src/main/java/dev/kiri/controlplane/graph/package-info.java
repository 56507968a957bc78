/// Incremental derivation: which result has to be computed anew when an input changes?
///
/// A [Graph] holds [Input] tables and [Derived] tables. A derived value is a pure function of one
/// row of its source table and of whatever it reads through the [Reader] it is given; the graph
/// remembers what was read, also rows that were not there, and recomputes exactly the rows whose
/// reads have changed. Nothing else is told: a row that comes out equal stops the wave. Confined to
/// one thread. The idea is upstream's (istio/istio pkg/kube/krt); the dependency bookkeeping is our
/// own.
@NullMarked
package dev.kiri.controlplane.graph;

import org.jspecify.annotations.NullMarked;
