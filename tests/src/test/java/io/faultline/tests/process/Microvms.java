package io.faultline.tests.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A {@code faultline uffd-handler}, and programs that do what Firecracker does.
 *
 * @param program {@code microvm.c}, compiled
 * @param memory the memory file, with holes
 */
record Microvms(Processes processes, Path program, Path socket, Path memory, long seed) {
  static final int PAGE = 4096;

  /** Compiles the program and writes a memory file; skips the test without gcc. */
  static Microvms prepare(Processes processes, int pages) throws IOException, InterruptedException {
    Path program =
        CPrograms.compile(
            processes.file("microvm"),
            List.of(),
            List.of(CPrograms.FIRECRACKER.resolve("microvm.c")));
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Path memory = memory(processes.file("memory"), pages, new SplittableRandom(seed));
    return new Microvms(processes, program, processes.file("s"), memory, seed);
  }

  /** Most pages have random bytes; about a quarter are holes, in runs. */
  private static Path memory(Path file, int pages, SplittableRandom random) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      for (int page = 0; page < pages; page += 8) {
        if (random.nextInt(4) > 0 || page == 0 || page + 8 >= pages) {
          byte[] bytes = new byte[8 * PAGE];
          random.nextBytes(bytes);
          int written = channel.write(ByteBuffer.wrap(bytes), (long) page * PAGE);
          if (written != bytes.length) {
            throw new IOException("the disk is full");
          }
        }
      }
    }
    return file;
  }

  /** Starts a handler that listens. */
  Node handler(String... more) throws IOException {
    Files.deleteIfExists(socket);
    Node node =
        processes.start(List.of("uffd-handler", "--socket=" + socket, "--memory=" + memory), more);
    node.awaitOutput("listening on ");
    return node;
  }

  /** Starts a VM whose threads read all of its memory. */
  Node reading(String backing, String handshake) throws IOException {
    return start(backing, handshake, "read", 4, 0);
  }

  /** Starts a VM. See {@code microvm.c}. */
  Node start(String backing, String handshake, String work, int threads, int seconds)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program.toString(), socket.toString(), memory.toString()));
    command.addAll(List.of(backing, handshake, work));
    command.addAll(List.of("" + threads, "" + seconds, "" + (seed & Long.MAX_VALUE)));
    return processes.startProgram(command, Map.of());
  }
}
