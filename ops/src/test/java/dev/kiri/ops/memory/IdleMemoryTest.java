package dev.kiri.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class IdleMemoryTest {
  private static final String AFTER_NAME =
      " S 1 10 10 0 -1 4194560 900 80 7 6 123 45 9 8 20 0 30 0 5000 1000 200 184467 1 1 0 0 0";

  @Test
  void time_in_user_and_system_mode_is_summed() {
    assertThat(IdleMemory.cpuMillis("10 (java)" + AFTER_NAME)).isEqualTo(1680);
  }

  @Test
  void a_program_may_have_any_name() {
    assertThat(IdleMemory.cpuMillis("10 (a) 1 2) (b)" + AFTER_NAME)).isEqualTo(1680);
  }

  @Test
  void this_process_has_worked() throws Exception {
    assertThat(IdleMemory.cpuMillis(Files.readString(Path.of("/proc/self/stat")))).isPositive();
  }

  @Test
  void a_process_lives_on_after_it_gave_memory_back() throws Exception {
    IdleMemory.giveBack();

    assertThat(new String(new char[1000]).repeat(1000)).hasSize(1_000_000);
  }
}
