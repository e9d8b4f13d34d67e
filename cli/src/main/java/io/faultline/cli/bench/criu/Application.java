package io.faultline.cli.bench.criu;

import java.util.ArrayList;
import java.util.List;

/**
 * A program to move.
 *
 * @param command its command
 * @param readyText what it prints when it is ready
 * @param port where it serves lines
 * @param ping a request that it answers immediately
 */
public record Application(List<String> command, String readyText, int port, String ping) {
  private static final int MEMORY_SERVER_PORT = 7000;
  private static final int REDIS_PORT = 6379;

  /**
   * The process of known contents.
   *
   * @param mebibytes its memory
   * @param options those of memory-server.c
   */
  public static Application memoryServer(LabPrograms programs, int mebibytes, String... options) {
    List<String> command = new ArrayList<>(List.of(programs.memoryServer().toString()));
    command.addAll(List.of(Integer.toString(MEMORY_SERVER_PORT), Integer.toString(mebibytes)));
    command.addAll(List.of(options));
    String ready = "READY " + MEMORY_SERVER_PORT; // printed last, after those of its children
    return new Application(command, ready, MEMORY_SERVER_PORT, "PING");
  }

  /** The process of known contents without a socket, which answers SIGUSR1 in its output. */
  public static Application withoutSockets(LabPrograms programs, int mebibytes) {
    List<String> command =
        List.of(programs.memoryServer().toString(), "0", Integer.toString(mebibytes));
    return new Application(command, "READY 0", 0, "");
  }

  /**
   * An empty redis.
   *
   * @throws LabUnavailableException if there is none
   */
  public static Application redis(StockPrograms programs) throws LabUnavailableException {
    List<String> command =
        List.of(
            programs.program("redis-server").toString(),
            "--port",
            Integer.toString(REDIS_PORT),
            "--save",
            "",
            "--enable-debug-command",
            "yes",
            "--dir",
            "/");
    return new Application(command, "Ready to accept connections", REDIS_PORT, "PING");
  }

  /** A JVM with that many objects of 1,000 bytes. */
  public static Application jvm(int objects) {
    List<String> options = List.of("-XX:-UsePerfData", "-XX:+UseSerialGC", "-Xms240m", "-Xmx240m");
    List<String> command = new ArrayList<>(OwnProgram.command(HeapServer.class.getName(), options));
    command.addAll(List.of(Integer.toString(MEMORY_SERVER_PORT), Integer.toString(objects)));
    return new Application(command, "READY", MEMORY_SERVER_PORT, "PING");
  }
}
