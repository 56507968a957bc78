/// Certificates of workloads: how they are asked for, kept and renewed.
///
/// [dev.kiri.mesh.ca.CertificateManager] is the entry: it holds one certificate for each identity
/// a proxy acts for, asks a [dev.kiri.mesh.ca.CertificateSource] for it and renews it at half of
/// its life. Mirrors istio/ztunnel `src/identity/manager.rs`.
@NullMarked
package dev.kiri.mesh.ca;

import org.jspecify.annotations.NullMarked;
