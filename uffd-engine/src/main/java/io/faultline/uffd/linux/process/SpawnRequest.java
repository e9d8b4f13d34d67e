package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The arguments of one posix_spawn(3): a child in a session of its own, with default signal
 * handling. Not thread-safe.
 */
final class SpawnRequest implements AutoCloseable {
  private static final int STANDARD_STREAMS = 3;
  private static final int O_RDWR = 2;

  private final Arena arena = Arena.ofConfined();
  private final long actions = arena.allocate(SpawnCalls.FILE_ACTIONS_BYTES, 16).address();
  private final long attributes = arena.allocate(SpawnCalls.ATTRIBUTES_BYTES, 16).address();

  SpawnRequest() {
    check("posix_spawn_file_actions_init", SpawnCalls.initActions(actions));
    check("posix_spawnattr_init", SpawnCalls.initAttributes(attributes));
    short flags =
        SpawnCalls.SET_SESSION | SpawnCalls.SET_SIGNAL_DEFAULTS | SpawnCalls.SET_SIGNAL_MASK;
    check("posix_spawnattr_setflags", SpawnCalls.setFlags(attributes, flags));
    MemorySegment all = arena.allocate(SpawnCalls.SIGNAL_SET_BYTES, 16);
    all.fill((byte) 0xff);
    check("posix_spawnattr_setsigdefault", SpawnCalls.setSignalDefaults(attributes, all.address()));
  }

  /**
   * Gives the child descriptors 0, 1 and 2 on {@code /dev/null}, and 3 and up as given; it has no
   * others. It runs in directory {@code /}.
   *
   * @param descriptors of this process, each at least 3 + their number, so that none is overwritten
   *     before it is duplicated
   */
  void descriptors(int[] descriptors) {
    int end = STANDARD_STREAMS + descriptors.length;
    long nothing = arena.allocateFrom("/dev/null").address();
    for (int stream = 0; stream < STANDARD_STREAMS; stream++) {
      check("addopen", SpawnCalls.addOpen(actions, stream, nothing, O_RDWR));
    }
    for (int i = 0; i < descriptors.length; i++) {
      if (descriptors[i] < end) {
        throw new IllegalArgumentException("descriptor " + descriptors[i] + " is below " + end);
      }
      check("adddup2", SpawnCalls.addDup2(actions, descriptors[i], STANDARD_STREAMS + i));
    }
    closeFrom(end);
    long root = arena.allocateFrom("/").address();
    check("addchdir", SpawnCalls.addChangeDirectory(actions, root));
  }

  /**
   * Gives the child {@code /dev/null} as its standard input and a descriptor of this process as its
   * standard output; it inherits standard error and all others that stay open on exec.
   */
  void streams(int output) {
    long nothing = arena.allocateFrom("/dev/null").address();
    check("addopen", SpawnCalls.addOpen(actions, 0, nothing, O_RDWR));
    check("adddup2", SpawnCalls.addDup2(actions, output, 1));
  }

  /**
   * Gives the child {@code /dev/null} as its standard input, and a descriptor of this process as
   * its standard output and standard error; it has no others.
   *
   * @param output of this process, at least 3
   */
  void outputOnly(int output) {
    if (output < STANDARD_STREAMS) {
      throw new IllegalArgumentException("descriptor " + output + " is a standard stream");
    }
    streams(output);
    check("adddup2", SpawnCalls.addDup2(actions, output, 2));
    closeFrom(STANDARD_STREAMS);
  }

  /**
   * Starts the program; returns the child's id.
   *
   * @param environment its variables, each {@code NAME=VALUE}
   */
  int spawn(Path program, List<String> arguments, List<String> environment) {
    MemorySegment pid = arena.allocate(JAVA_INT);
    check(
        "posix_spawn(" + program + ")",
        SpawnCalls.spawn(
            pid.address(),
            arena.allocateFrom(program.toString()).address(),
            actions,
            attributes,
            vector(arguments),
            vector(environment)));
    return pid.get(JAVA_INT, 0);
  }

  private long vector(List<String> strings) {
    MemorySegment vector = arena.allocate(ADDRESS, strings.size() + 1L); // ends with a null
    for (int i = 0; i < strings.size(); i++) {
      vector.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
    }
    return vector.address();
  }

  @Override
  public void close() {
    SpawnCalls.destroyActions(actions);
    SpawnCalls.destroyAttributes(attributes);
    arena.close();
  }

  private void closeFrom(int lowest) {
    if (SpawnCalls.canCloseFrom()) {
      check("addclosefrom", SpawnCalls.addCloseFrom(actions, lowest));
      return;
    }
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      open.mapToInt(each -> Integer.parseInt(each.getFileName().toString()))
          .filter(fd -> fd >= lowest)
          .forEach(fd -> check("addclose", SpawnCalls.addClose(actions, fd)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void check(String call, int errno) {
    if (errno != 0) {
      throw new SystemCallException(call, errno);
    }
  }
}
