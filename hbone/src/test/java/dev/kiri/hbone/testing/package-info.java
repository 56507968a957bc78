/// What tests of several modules need: a certificate authority and a mesh of two ends on loopback.
///
/// Entry types: [dev.kiri.hbone.testing.TestCa] and [dev.kiri.hbone.testing.LoopbackMesh].
@NullMarked
package dev.kiri.hbone.testing;

import org.jspecify.annotations.NullMarked;
