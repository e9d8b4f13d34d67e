package io.faultline.qemu.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the file descriptors of a process refer to. */
final class OpenFiles {
  private OpenFiles() {}

  /** The targets, sorted; sockets and pipes without their numbers. */
  static List<String> of(long pid) throws IOException {
    List<Path> descriptors;
    try (Stream<Path> list = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      descriptors = list.toList();
    }
    List<String> targets = new ArrayList<>();
    for (Path each : descriptors) {
      try {
        String target = Files.readSymbolicLink(each).toString();
        targets.add(target.replaceFirst("^(socket|pipe):\\[\\d+]$", "$1"));
      } catch (NoSuchFileException e) {
        // closed meanwhile, as the one that listed the directory
      }
    }
    targets.sort(Comparator.naturalOrder());
    return targets;
  }
}
