package dev.kiri.hbone.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The identities that a certificate carries: its SubjectAltName URIs, in order. Everything else in
/// the certificate's names is ignored, as in upstream (istio/ztunnel `src/tls/lib.rs`). Immutable.
public record CertificateIdentities(List<String> uris, List<SpiffeId> spiffe) {
  private static final int URI_NAME = 6; // RFC 5280 4.2.1.6: uniformResourceIdentifier [6]

  public CertificateIdentities {
    uris = List.copyOf(uris);
    spiffe = List.copyOf(spiffe);
  }

  /// Reads the URIs of a certificate; none if the extension is absent or cannot be read.
  public static CertificateIdentities of(X509Certificate certificate) {
    var uris = new ArrayList<String>();
    var spiffe = new ArrayList<SpiffeId>();
    try {
      var names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (var name : names) {
          if (name.get(0) instanceof Integer kind
              && kind == URI_NAME
              && name.get(1) instanceof String uri) {
            uris.add(uri);
            var id = SpiffeId.parseOrNull(uri);
            if (id != null) {
              spiffe.add(id);
            }
          }
        }
      }
    } catch (CertificateParsingException e) {
      return new CertificateIdentities(List.of(), List.of());
    }
    return new CertificateIdentities(uris, spiffe);
  }

  /// The identity that policy, logs and metrics use: the first URI that is one.
  public @Nullable SpiffeId first() {
    return spiffe.isEmpty() ? null : spiffe.getFirst();
  }

  /// The trust domain of the first URI; null if that URI is no identity, which switches the check
  /// of trust domains off (upstream's rule for the own certificate).
  public @Nullable TrustDomain trustDomain() {
    if (uris.isEmpty()) {
      return null;
    }
    var id = SpiffeId.parseOrNull(uris.getFirst());
    return id == null ? null : id.trustDomain();
  }
}
