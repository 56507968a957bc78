package dev.kiri.controlplane.ca;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.jspecify.annotations.Nullable;

/// PEM text to objects and back.
final class Pem {
  private Pem() {}

  static String write(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter out = new JcaPEMWriter(text)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException("writing PEM", e);
    }
    return text.toString();
  }

  /// The first object of a text, or null.
  static @Nullable Object read(String text) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      return parser.readObject();
    }
  }
}
