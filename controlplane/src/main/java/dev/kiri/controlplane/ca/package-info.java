/// The certificate authority: from a verified caller and a request to a short-lived certificate.
///
/// [RootAuthority] keeps the self-signed root on disk; [CertificateAuthority] checks a request and
/// signs it; [NodeAuthorizer] decides whether a node's proxy may ask for somebody else's identity;
/// [CertificateService] is the gRPC face of the three. The identity in a certificate is the proven
/// one, never what the request asks for. Thread-safe.
@NullMarked
package dev.kiri.controlplane.ca;

import org.jspecify.annotations.NullMarked;
