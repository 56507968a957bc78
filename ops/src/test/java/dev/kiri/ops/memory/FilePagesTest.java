package dev.kiri.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePagesTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path folder;

  @Test
  void pages_that_were_read_are_given_back_and_read_again() throws IOException {
    var mapped = map(MapMode.READ_ONLY);
    assertThat(sum(mapped)).isEqualTo(7L * SIZE);
    assertThat(resident(mapped)).isEqualTo(SIZE);

    assertThat(FilePages.giveBack()).isGreaterThanOrEqualTo(SIZE);

    assertThat(resident(mapped)).isZero();
    assertThat(sum(mapped)).isEqualTo(7L * SIZE);
  }

  @Test
  void what_was_written_privately_stays() throws IOException {
    var mapped = map(MapMode.PRIVATE);
    mapped.put(SIZE / 2, (byte) 9);

    FilePages.giveBack();

    assertThat(mapped.get(SIZE / 2)).isEqualTo((byte) 9);
    assertThat(Files.readAllBytes(folder.resolve("mapped"))[SIZE / 2]).isEqualTo((byte) 7);
  }

  @Test
  void only_unwritten_mappings_of_files_are_taken() {
    var smaps =
        List.of(
            "1000-3000 r-xp 00000000 fe:00 42                         /lib/a b.so (deleted)",
            "Size:                  8 kB",
            "Rss:                   8 kB",
            "Anonymous:             0 kB",
            "VmFlags: rd ex mr mw me ",
            "3000-4000 r--p 00002000 fe:00 42                         /lib/relocated.so",
            "Rss:                   4 kB",
            "Anonymous:             4 kB",
            "4000-5000 rw-p 00003000 fe:00 42                         /lib/writable.so",
            "Rss:                   4 kB",
            "Anonymous:             0 kB",
            "5000-6000 r--p 00000000 00:00 0 ",
            "Rss:                   0 kB",
            "Anonymous:             0 kB",
            "7fff0000-ffffffffff601000 r-xp 00000000 00:00 0          [vdso]",
            "Rss:                   4 kB",
            "Anonymous:             0 kB");

    assertThat(FilePages.unwritten(smaps))
        .containsExactly(new FilePages.Mapping(0x1000, 0x3000, 8 << 10));
  }

  private MappedByteBuffer map(MapMode mode) throws IOException {
    var content = new byte[SIZE];
    Arrays.fill(content, (byte) 7);
    var file = Files.write(folder.resolve("mapped"), content);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(mode, 0, SIZE);
    }
  }

  private static long resident(MappedByteBuffer mapped) throws IOException {
    long address = MemorySegment.ofBuffer(mapped).address();
    return FilePages.unwritten(Files.readAllLines(Path.of("/proc/self/smaps"))).stream()
        .filter(mapping -> mapping.start() <= address && address < mapping.end())
        .mapToLong(FilePages.Mapping::resident)
        .sum();
  }

  private static long sum(MappedByteBuffer mapped) {
    long sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += mapped.get(i);
    }
    return sum;
  }
}
