package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupFreezerTest {
  private static final int PID = 42;

  @TempDir private Path root;

  /** Both hierarchies are mounted where no distribution has them. */
  @BeforeEach
  void mount() throws IOException {
    write(
        "proc/self/mountinfo",
        """
        30 29 0:26 / /mnt/two rw - cgroup2 cgroup2 rw
        31 29 0:27 / /mnt/one rw - cgroup cgroup rw,cpuset,freezer
        """);
    write("proc/42/cgroup", "3:cpuset,freezer:/a/b\n0::/c/d\n");
    write("mnt/one/a/b/freezer.state", "THAWED\n");
    write("mnt/two/c/d/cgroup.events", "populated 1\nfrozen 0\n");
    write("mnt/two/c/d/cgroup.freeze", "0\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Optional<String> freezer() {
    return new CgroupFreezer(new SystemFiles(root)).of(PID);
  }

  @Test
  void processThatIsThawedIsNotFrozen() {
    assertThat(freezer()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/mnt/two/c/d, cgroup.events, 'populated 1\nfrozen 1'",
    "/mnt/two/c/d, cgroup.freeze, 1",
    "/mnt/two/c, cgroup.freeze, 1",
    "/mnt/one/a/b, freezer.state, FROZEN",
    "/mnt/one/a/b, freezer.state, FREEZING"
  })
  void frozenCgroupIsFoundWhereverItIsMounted(String cgroup, String file, String text)
      throws IOException {
    write(cgroup.substring(1) + "/" + file, text + "\n");
    assertThat(freezer()).contains(cgroup);
  }

  @Test
  void frozenSiblingIsNoMatter() throws IOException {
    write("mnt/two/c/e/cgroup.freeze", "1\n");
    write("mnt/one/a/e/freezer.state", "FROZEN\n");
    assertThat(freezer()).isEmpty();
  }

  @Test
  void processThatIsGoneIsNotFrozen() throws IOException {
    Files.delete(root.resolve("proc/42/cgroup"));
    assertThat(freezer()).isEmpty();
  }
}
