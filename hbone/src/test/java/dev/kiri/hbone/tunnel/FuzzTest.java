package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.InvalidAuthority;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderReader;
import dev.kiri.hbone.testing.Mutations;
import dev.kiri.hbone.tls.PresentedChains;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything a peer can choose, mutated from the corpus in `src/test/resources/fuzz`: it is
/// understood or refused by name, and nothing else happens. A fixed number of inputs by default;
/// `./kiri fuzz` goes on for minutes with inputs that are new each time.
final class FuzzTest {
  private static final int SHORT = 20_000;

  enum Target {
    FRAMES {
      @Override
      void eat(byte[] input) {
        try {
          new FrameReader(new Ignorant(), TunnelSettings.DEFAULT)
              .read(Unpooled.wrappedBuffer(input));
        } catch (TunnelError refused) {
          assertThat(refused.code()).isPositive();
        }
      }
    },
    HPACK {
      @Override
      void eat(byte[] input) {
        try {
          new HeaderBlocks(65_536).readRequest(1, Unpooled.wrappedBuffer(input));
        } catch (TunnelError refused) {
          assertThat(refused.code()).isPositive();
        }
      }
    },
    AUTHORITY {
      @Override
      void eat(byte[] input) {
        try {
          var read = Authority.parse(text(input));
          assertThat(Authority.parse(read.toString())).isEqualTo(read);
        } catch (InvalidAuthority refused) {
          assertThat(refused).hasMessageContaining(text(input));
        }
      }
    },
    BAGGAGE {
      @Override
      void eat(byte[] input) {
        var read = Baggage.parse(List.of(text(input)));
        assertThat(Baggage.parse(List.of(read.format()))).isEqualTo(read);
      }
    },
    SPIFFE {
      @Override
      void eat(byte[] input) {
        var read = SpiffeId.parseOrNull(text(input));
        if (read != null) {
          assertThat(read.uri()).isEqualTo(text(input));
        }
      }
    },
    PROXY {
      @Override
      void eat(byte[] input) {
        if (ProxyHeaderReader.read(Unpooled.wrappedBuffer(input))
            instanceof ProxyHeaderRead.Relayed(var header, int length)) {
          assertThat(length).isBetween(28, Math.min(input.length, ProxyHeaderReader.MAX_LENGTH));
          assertThat(ProxyHeaderReader.read(Unpooled.wrappedBuffer(header.bytes())))
              .isEqualTo(new ProxyHeaderRead.Relayed(header, header.bytes().length));
        }
      }
    },
    CHAIN {
      private final PresentedChains chains =
          new PresentedChains(Path.of("src/test/resources/fuzz/chain-root.hex"));

      @Override
      void eat(byte[] input) {
        chains.accepts(input);
      }
    },
    CERTIFICATE {
      @Override
      void eat(byte[] input) {
        try {
          var read =
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(input));
          var identities = CertificateIdentities.of((X509Certificate) read);
          assertThat(identities.spiffe()).hasSizeLessThanOrEqualTo(identities.uris().size());
        } catch (CertificateException refused) {
          assertThat(refused).isNotNull();
        }
      }
    };

    /// Fails the test for whatever is no answer and no refusal.
    abstract void eat(byte[] input);

    private static String text(byte[] input) {
      return new String(input, StandardCharsets.ISO_8859_1);
    }

    List<byte[]> corpus() throws IOException {
      var folder = Path.of("src/test/resources/fuzz", name().toLowerCase(java.util.Locale.ROOT));
      var seeds = new ArrayList<byte[]>();
      try (var files = Files.list(folder)) {
        for (var file : files.sorted().toList()) {
          var bytes = Files.readAllBytes(file);
          boolean hex = file.toString().endsWith(".hex");
          seeds.add(hex ? HexFormat.of().parseHex(Target.text(bytes).strip()) : bytes);
        }
      }
      return seeds;
    }
  }

  @Test
  void of_the_chains_of_the_corpus_those_that_lead_to_the_root_are_let_in() throws IOException {
    var chains = new PresentedChains(Path.of("src/test/resources/fuzz/chain-root.hex"));

    // in the order of their names: alone, with its intermediate, not critical, a time that is none,
    // two URIs, all of it
    assertThat(Target.CHAIN.corpus().stream().map(chains::accepts))
        .containsExactly(false, true, true, false, true, true);
  }

  @ParameterizedTest
  @EnumSource
  void mutated_input_is_understood_or_refused_by_name(Target target) throws IOException {
    var only = System.getProperty("fuzz.target", target.name());
    Assumptions.assumeTrue(only.equalsIgnoreCase(target.name()), "another target was asked for");
    long minutes = Long.getLong("fuzz.minutes", 0);
    long seed = minutes == 0 ? 1 : System.nanoTime();
    var seeds = target.corpus();
    seeds.forEach(target::eat);
    var inputs = new Mutations(seeds, new Random(seed));
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    for (int i = 0; i < SHORT || (minutes > 0 && System.nanoTime() < end); i++) {
      var input = inputs.next();
      try {
        target.eat(input);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "keep it as a file of the corpus: " + HexFormat.of().formatHex(input), e);
      }
    }
  }

  /// Wants to know nothing.
  private static final class Ignorant implements FrameSink {
    @Override
    public void dataBegins(int stream, int flowControlled) {}

    @Override
    public void data(int stream, io.netty.buffer.ByteBuf bytes) {}

    @Override
    public void dataEnds(int stream, boolean endStream) {}

    @Override
    public void headers(int stream, io.netty.buffer.ByteBuf block, boolean endStream) {}

    @Override
    public void reset(int stream, int code) {}

    @Override
    public void setting(int id, long value) {}

    @Override
    public void settingsEnd() {}

    @Override
    public void settingsAck() {}

    @Override
    public void ping(boolean ack, long payload) {}

    @Override
    public void goAway(int lastStream, int code, String debug) {}

    @Override
    public void windowUpdate(int stream, int increment) {}

    @Override
    public void ignored(int type) {}
  }
}
