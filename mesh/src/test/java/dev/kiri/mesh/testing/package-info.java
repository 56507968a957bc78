/// A control plane to test proxies against: real TLS and real gRPC on loopback, scripted by the
/// test. Other modules use it through the test jar.
@NullMarked
package dev.kiri.mesh.testing;

import org.jspecify.annotations.NullMarked;
