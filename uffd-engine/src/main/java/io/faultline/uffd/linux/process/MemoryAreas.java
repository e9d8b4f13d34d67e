package io.faultline.uffd.linux.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mappings of a process, ascending. They are those of one moment only if the process is
 * stopped.
 */
public final class MemoryAreas {
  private static final Pattern AREA =
      Pattern.compile(
          "([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][ps]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+)"
              + " (\\d+) *(.*)");

  private static final String FLAGS = "VmFlags:";

  private MemoryAreas() {}

  /**
   * Reads {@code /proc/PID/maps}: without flags, fast.
   *
   * @return empty if the process has exited
   * @throws UncheckedIOException without permission (see ptrace(2))
   */
  public static List<MemoryArea> of(int pid) {
    return read(Path.of("/proc/" + pid + "/maps"));
  }

  /** Reads {@code /proc/PID/smaps}, for which the kernel walks the whole page table. */
  public static List<MemoryArea> withFlags(int pid) {
    return read(Path.of("/proc/" + pid + "/smaps"));
  }

  private static List<MemoryArea> read(Path file) {
    List<MemoryArea> areas = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      parse(lines, areas);
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      areas.clear(); // the process is gone
    }
    return areas;
  }

  static void parse(BufferedReader lines, List<MemoryArea> areas) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher area = AREA.matcher(line);
      if (area.matches()) {
        areas.add(
            new MemoryArea(
                Long.parseUnsignedLong(area.group(1), 16),
                Long.parseUnsignedLong(area.group(2), 16),
                area.group(3),
                Long.parseUnsignedLong(area.group(4), 16),
                device(area.group(5), area.group(6)),
                Long.parseUnsignedLong(area.group(7)),
                area.group(8),
                Set.of()));
      } else if (line.startsWith(FLAGS) && !areas.isEmpty()) {
        MemoryArea last = areas.removeLast();
        areas.add(withFlags(last, Set.of(line.substring(FLAGS.length()).strip().split(" +"))));
      }
    }
  }

  /** As stat(2) has it: {@code new_encode_dev} of {@code include/linux/kdev_t.h}. */
  private static long device(String major, String minor) {
    long high = Long.parseLong(major, 16);
    long low = Long.parseLong(minor, 16);
    return (low & 0xff) | (high << 8) | ((low & ~0xffL) << 12);
  }

  private static MemoryArea withFlags(MemoryArea area, Set<String> flags) {
    return new MemoryArea(
        area.start(),
        area.end(),
        area.permissions(),
        area.offsetBytes(),
        area.device(),
        area.inode(),
        area.name(),
        flags);
  }
}
