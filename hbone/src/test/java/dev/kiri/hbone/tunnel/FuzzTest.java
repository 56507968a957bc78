package dev.kiri.hbone.tunnel;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
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
import io.netty.buffer.ByteBuf;
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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything a peer can choose, mutated from the corpus in `src/test/resources/fuzz`: it is
/// understood or refused by name, and nothing else happens. What leads to an outcome that none
/// before led to is mutated further. A fixed number of inputs by default; `./kiri fuzz` goes on for
/// minutes with inputs that are new each time, and leaves the first of each new outcome in
/// `target/fuzz`.
final class FuzzTest {
  private static final int SHORT = 20_000;
  private static final int MOST_SEEDS = 500;
  private static final int MOST_BYTES = 1_500;
  private static final int MOST_KEY = 80;

  enum Target {
    FRAMES {
      @Override
      String eat(byte[] input) {
        var heard = new Heard();
        try {
          new FrameReader(heard, TunnelSettings.DEFAULT).read(Unpooled.wrappedBuffer(input));
          return heard.kinds();
        } catch (TunnelError refused) {
          assertThat(refused.code()).isPositive();
          return heard.kinds() + refused.getMessage();
        }
      }
    },
    HPACK {
      @Override
      String eat(byte[] input) {
        try {
          var read = new HeaderBlocks(65_536).readRequest(1, Unpooled.wrappedBuffer(input));
          return switch (read) {
            case HeaderBlocks.Request.Malformed _ -> "malformed";
            case HeaderBlocks.Request.Bad(int status, String text) ->
                status + text.replaceAll("(got|:).*", "");
            case HeaderBlocks.Request.Connect(var connect) ->
                "connect" + (connect.authority() instanceof Authority.Host);
          };
        } catch (TunnelError refused) {
          assertThat(refused.code()).isPositive();
          return String.valueOf(refused.getMessage());
        }
      }
    },
    AUTHORITY {
      @Override
      String eat(byte[] input) {
        try {
          var read = Authority.parse(text(input));
          assertThat(Authority.parse(read.toString())).isEqualTo(read);
          return read.getClass().getSimpleName() + shape(text(input));
        } catch (InvalidAuthority refused) {
          assertThat(refused).hasMessageContaining(text(input));
          return "refused" + shape(text(input));
        }
      }
    },
    BAGGAGE {
      @Override
      String eat(byte[] input) {
        var read = Baggage.parse(List.of(text(input)));
        assertThat(Baggage.parse(List.of(read.format()))).isEqualTo(read);
        return Stream.of(
                read.cluster(),
                read.namespace(),
                read.workloadType(),
                read.workloadName(),
                read.serviceName(),
                read.serviceVersion(),
                read.region(),
                read.zone())
            .map(field -> field == null ? "-" : "x")
            .collect(Collectors.joining());
      }
    },
    SPIFFE {
      @Override
      String eat(byte[] input) {
        var read = SpiffeId.parseOrNull(text(input));
        if (read != null) {
          assertThat(read.uri()).isEqualTo(text(input));
        }
        return (read != null) + shape(text(input));
      }
    },
    PROXY {
      @Override
      String eat(byte[] input) {
        return switch (ProxyHeaderReader.read(Unpooled.wrappedBuffer(input))) {
          case ProxyHeaderRead.Relayed(var header, int length) -> {
            assertThat(length).isBetween(28, Math.min(input.length, ProxyHeaderReader.MAX_LENGTH));
            assertThat(ProxyHeaderReader.read(Unpooled.wrappedBuffer(header.bytes())))
                .isEqualTo(new ProxyHeaderRead.Relayed(header, header.bytes().length));
            yield "relayed" + (header.bytes().length == length) + (header.bytes().length > 52);
          }
          case ProxyHeaderRead.Malformed(String why) -> why.replaceAll("0x[0-9a-f]+", "0x");
          case ProxyHeaderRead other -> other.getClass().getSimpleName();
        };
      }
    },
    CHAIN {
      private final PresentedChains chains =
          new PresentedChains(Path.of("src/test/resources/fuzz/chain-root.hex"));

      @Override
      String eat(byte[] input) {
        return chains.verdict(input);
      }
    },
    CERTIFICATE {
      @Override
      String eat(byte[] input) {
        try {
          var read =
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(input));
          var identities = CertificateIdentities.of((X509Certificate) read);
          assertThat(identities.spiffe()).hasSizeLessThanOrEqualTo(identities.uris().size());
          return identities.uris().size() + " " + identities.spiffe().size();
        } catch (CertificateException refused) {
          return first(String.valueOf(refused.getMessage()));
        }
      }
    };

    /// What came of it, by which new kinds of input are told. Fails the test for whatever is no
    /// answer and no refusal.
    abstract String eat(byte[] input);

    private static String first(String text) {
      int end = text.indexOf(':');
      return end < 0 ? text : text.substring(0, end);
    }

    /// How it begins; letters and digits that follow each other are one of them.
    private static String shape(String text) {
      var shape = text.replaceAll("[a-zA-Z]+", "a").replaceAll("[0-9]+", "0");
      var printable = shape.replaceAll("[^ -~]+", "?");
      return printable.substring(0, Math.min(8, printable.length()));
    }

    private static String text(byte[] input) {
      return new String(input, StandardCharsets.ISO_8859_1);
    }

    List<byte[]> corpus() throws IOException {
      var folder = Path.of("src/test/resources/fuzz", name().toLowerCase(Locale.ROOT));
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

    // in the order of their names: expired, for another purpose, alone, with its intermediate, not
    // critical, not yet valid, a time that is none, two URIs, all of it
    assertThat(Target.CHAIN.corpus().stream().map(chains::accepts))
        .containsExactly(false, false, false, true, true, false, false, true, true);
  }

  @ParameterizedTest
  @EnumSource
  void mutated_input_is_understood_or_refused_by_name(Target target) throws IOException {
    var only = System.getProperty("fuzz.target", target.name());
    Assumptions.assumeTrue(only.equalsIgnoreCase(target.name()), "another target was asked for");
    long minutes = Long.getLong("fuzz.minutes", 0);
    long seed = minutes == 0 ? 1 : System.nanoTime();
    var seeds = target.corpus();
    var outcomes = new HashSet<String>();
    seeds.forEach(given -> outcomes.add(key(target.eat(given))));
    var inputs = new Mutations(seeds, new Random(seed));
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    for (int i = 0; i < SHORT || (minutes > 0 && System.nanoTime() < end); i++) {
      var input = inputs.next();
      try {
        var outcome = key(target.eat(input));
        if (seeds.size() < MOST_SEEDS && input.length <= MOST_BYTES && outcomes.add(outcome)) {
          seeds.add(input); // leads to others like it
          if (minutes > 0) {
            keep(target, outcome, input);
          }
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "keep it as a file of the corpus: " + HexFormat.of().formatHex(input), e);
      }
    }
  }

  /// Numbers in a message are not what makes it another one.
  private static String key(String outcome) {
    var key = outcome.replaceAll("[0-9]+", "0");
    return key.length() <= MOST_KEY ? key : key.substring(0, MOST_KEY);
  }

  private static void keep(Target target, String outcome, byte[] input) throws IOException {
    var folder = Path.of("target/fuzz", target.name().toLowerCase(Locale.ROOT));
    Files.createDirectories(folder);
    var name = Integer.toHexString(outcome.hashCode());
    Files.writeString(folder.resolve(name + ".hex"), HexFormat.of().formatHex(input) + "\n");
    Files.writeString(folder.resolve("outcomes"), name + " " + outcome + "\n", CREATE, APPEND);
  }

  /// The kinds of what a reader of frames tells, one letter each, the first few.
  private static final class Heard implements FrameSink {
    private final StringBuilder kinds = new StringBuilder();

    String kinds() {
      return kinds.toString();
    }

    private void heard(char kind) {
      if (kinds.length() < 8 && kinds.indexOf(String.valueOf(kind)) < 0) {
        kinds.append(kind);
      }
    }

    @Override
    public void dataBegins(int stream, int flowControlled) {
      heard('d');
    }

    @Override
    public void data(int stream, ByteBuf bytes) {
      heard('b');
    }

    @Override
    public void dataEnds(int stream, boolean endStream) {
      heard(endStream ? 'E' : 'e');
    }

    @Override
    public void headers(int stream, ByteBuf block, boolean endStream) {
      heard(endStream ? 'H' : 'h');
    }

    @Override
    public void reset(int stream, int code) {
      heard('r');
    }

    @Override
    public void setting(int id, long value) {
      heard('s');
    }

    @Override
    public void settingsEnd() {
      heard('S');
    }

    @Override
    public void settingsAck() {
      heard('a');
    }

    @Override
    public void ping(boolean ack, long payload) {
      heard(ack ? 'P' : 'p');
    }

    @Override
    public void goAway(int lastStream, int code, String debug) {
      heard('g');
    }

    @Override
    public void windowUpdate(int stream, int increment) {
      heard('w');
    }

    @Override
    public void ignored(int type) {
      heard('i');
    }
  }
}
