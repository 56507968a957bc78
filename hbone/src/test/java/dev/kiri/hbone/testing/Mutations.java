package dev.kiri.hbone.testing;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Inputs that are almost right: a seed of the corpus with a few bytes changed, cut, doubled, or
/// joined to another seed. The same random numbers make the same inputs.
public final class Mutations {
  private static final byte[] TELLING = {
    0, 1, (byte) 0x7f, (byte) 0x80, (byte) 0xff, '/', ':', ','
  };

  private final List<byte[]> seeds;
  private final RandomGenerator random;

  public Mutations(List<byte[]> seeds, RandomGenerator random) {
    this.seeds = seeds;
    this.random = random;
  }

  /// The next input.
  public byte[] next() {
    var input = seeds.get(random.nextInt(seeds.size()));
    for (int n = random.nextInt(1, 6); n > 0; n--) {
      input = changed(input);
    }
    return input;
  }

  private byte[] changed(byte[] from) {
    int at = random.nextInt(from.length + 1);
    return switch (random.nextInt(5)) {
      case 0 -> joined(from, at, seeds.get(random.nextInt(seeds.size())));
      case 1 -> Arrays.copyOf(from, at);
      case 2 -> joined(from, at, new byte[] {TELLING[random.nextInt(TELLING.length)]});
      case 3 -> joined(from, at, Arrays.copyOfRange(from, at, from.length));
      default -> flipped(from, at);
    };
  }

  private byte[] flipped(byte[] from, int at) {
    var copy = from.clone();
    if (at < copy.length) {
      copy[at] =
          random.nextBoolean()
              ? (byte) (copy[at] ^ 1 << random.nextInt(8))
              : TELLING[random.nextInt(TELLING.length)];
    }
    return copy;
  }

  /// `from` with `inserted` at this place, of bounded length.
  private static byte[] joined(byte[] from, int at, byte[] inserted) {
    int length = Math.min(inserted.length, Math.max(0, 4_096 - from.length));
    var all = Arrays.copyOf(from, from.length + length);
    System.arraycopy(inserted, 0, all, at, length);
    System.arraycopy(from, at, all, at + length, from.length - at);
    return all;
  }
}
