package io.faultline.qemu.process;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line of a QEMU with one PC, without devices that nobody asked for. Immutable,
 * thread-safe.
 *
 * @param arguments the program and its arguments
 */
public record QemuCommand(List<String> arguments) {
  public QemuCommand {
    arguments = List.copyOf(arguments);
  }

  /**
   * A PC whose guest can be moved: its RAM is in a shared file.
   *
   * @param ram a file in tmpfs or hugetlbfs, which QEMU creates
   */
  public static QemuCommand withRamInFile(
      String program, Accelerator accelerator, long ramBytes, Path ram) {
    return withRam(
        program, accelerator, ramBytes, "memory-backend-file,share=on,mem-path=" + value(ram));
  }

  /**
   * A PC with any kind of RAM.
   *
   * @param ramBytes a multiple of 1 MiB
   * @param backend the kind of object that is its RAM, with the properties of that kind
   */
  public static QemuCommand withRam(
      String program, Accelerator accelerator, long ramBytes, String backend) {
    return new QemuCommand(
        List.of(
            program,
            "-accel",
            accelerator.toString(),
            "-nodefaults",
            "-display",
            "none",
            "-machine",
            "pc,memory-backend=ram",
            "-m",
            (ramBytes >> 20) + "M",
            "-object",
            backend + ",id=ram,size=" + ramBytes));
  }

  /** The same with more arguments. */
  public QemuCommand with(String... more) {
    return with(List.of(more));
  }

  /** The same with more arguments. */
  public QemuCommand with(List<String> more) {
    return new QemuCommand(Stream.concat(arguments.stream(), more.stream()).toList());
  }

  /** The same with a monitor that listens at a socket. */
  public QemuCommand withMonitor(Path socket) {
    return with("-qmp", "unix:" + value(socket) + ",server=on,wait=off");
  }

  /** The same, waiting for a guest that is moved to it. */
  public QemuCommand waiting() {
    return with("-incoming", "defer", "-S");
  }

  /** A path as the value of a property: a comma would end it, unless it is doubled. */
  public static String value(Path path) {
    return path.toString().replace(",", ",,");
  }
}
