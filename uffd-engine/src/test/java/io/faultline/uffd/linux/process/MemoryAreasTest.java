package io.faultline.uffd.linux.process;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryAreasTest {
  @Test
  void mappingsOfSmapsAreParsed() throws IOException {
    List<MemoryArea> areas =
        parse(
            """
            55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0                          [heap]
            Size:                132 kB
            VmFlags: rd wr mr mw me ac um sd
            7f0000000000-7f0000001000 r-xs 0001a000 fe:00 1835085  /usr/lib/a file (deleted)
            Size:                  4 kB
            VmFlags: rd ex sh
            7f0000001000-7f0000002000 ---p 00000000 00:00 0
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
            """);
    assertThat(areas)
        .containsExactly(
            new MemoryArea(
                0x55d0c0a00000L,
                0x55d0c0a21000L,
                "rw-p",
                0,
                0,
                0,
                "[heap]",
                Set.of("rd", "wr", "mr", "mw", "me", "ac", "um", "sd")),
            new MemoryArea(
                0x7f0000000000L,
                0x7f0000001000L,
                "r-xs",
                0x1a000,
                0xfe00,
                1835085,
                "/usr/lib/a file (deleted)",
                Set.of("rd", "ex", "sh")),
            new MemoryArea(0x7f0000001000L, 0x7f0000002000L, "---p", 0, 0, 0, "", Set.of()),
            new MemoryArea(
                0xffffffffff600000L, 0xffffffffff601000L, "--xp", 0, 0, 0, "[vsyscall]", Set.of()));
    assertThat(areas.get(0).isRegistered()).isTrue();
    assertThat(areas.get(0).isAnonymous()).isTrue();
    assertThat(areas.get(1).isRegistered()).isFalse();
    assertThat(areas.get(1).isAnonymous()).isFalse();
    assertThat(areas.get(1).isPrivate()).isFalse();
  }

  @Test
  void deviceIsThatOfTheFilesAttributes() throws IOException {
    Path file = Files.createTempFile(Path.of("/dev/shm"), "faultline-areas", "");
    try (FileChannel channel = FileChannel.open(file, READ, WRITE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
      MemoryArea area =
          MemoryAreas.of((int) ProcessHandle.current().pid()).stream()
              .filter(each -> each.start() == mapped.address())
              .findFirst()
              .orElseThrow();
      assertThat(area.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
      assertThat(area.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void everyModeOfRegistrationIsSeen() {
    for (String flag : List.of("um", "uw", "ui")) {
      assertThat(new MemoryArea(0, 4096, "rw-p", 0, 0, 0, "", Set.of("rd", flag)).isRegistered())
          .isTrue();
    }
  }

  @Test
  void otherLinesAreSkipped() throws IOException {
    assertThat(parse("VmFlags: rd\nnot a mapping\n")).isEmpty();
  }

  private static List<MemoryArea> parse(String text) throws IOException {
    List<MemoryArea> areas = new ArrayList<>();
    MemoryAreas.parse(new BufferedReader(new StringReader(text)), areas);
    return areas;
  }
}
