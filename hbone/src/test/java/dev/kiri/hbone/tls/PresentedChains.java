package dev.kiri.hbone.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.CertificateIdentities;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Chains as a peer may present them, for the fuzz target: what is let in has been signed all the
/// way up to the root, everything else is refused by a reason.
public final class PresentedChains {
  private static final String LET_IN = "let in";
  private static final Instant WHILE_VALID = Instant.parse("2030-01-01T00:00:00Z");

  private final X509Certificate root;
  private final ChainVerifier verifier;

  /// Trusts the root in this file of hexadecimal digits.
  public PresentedChains(Path file) {
    try {
      var der = HexFormat.of().parseHex(Files.readString(file).strip());
      root =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      verifier = new ChainVerifier(List.of(root));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// `input` is certificates in DER, each behind its length in three bytes.
  public boolean accepts(byte[] input) {
    return verdict(input).equals(LET_IN);
  }

  /// The reason of the refusal, or that there is none.
  public String verdict(byte[] input) {
    try {
      var path = verifier.verify(certificates(input), ChainVerifier.CLIENT_AUTH, WHILE_VALID);
      assertThat(path.root()).isEqualTo(root);
      var issuer = path.root();
      for (var certificate : path.certificates().reversed()) {
        certificate.verify(issuer.getPublicKey());
        issuer = certificate;
      }
      var identities = CertificateIdentities.of(path.leaf());
      assertThat(identities.spiffe()).hasSizeLessThanOrEqualTo(identities.uris().size());
      return LET_IN;
    } catch (PeerRejectedException refused) {
      var why = refused.why();
      assertThat(why.text()).isNotEmpty();
      return why.text();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("let in without a signature", e);
    }
  }

  private static List<byte[]> certificates(byte[] input) {
    var all = new ArrayList<byte[]>();
    for (int at = 0; at + 3 <= input.length; ) {
      int length = (input[at] & 0xff) << 16 | (input[at + 1] & 0xff) << 8 | input[at + 2] & 0xff;
      int end = Math.min(input.length, at + 3 + length);
      all.add(Arrays.copyOfRange(input, at + 3, end));
      at = end;
    }
    return all;
  }
}
