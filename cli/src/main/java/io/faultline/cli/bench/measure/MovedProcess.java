package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalDouble;

/** A process that CRIU moves, and what it does while its memory arrives. */
public sealed interface MovedProcess permits MovedMemory, MovedRedis, MovedJvm {
  /** For what takes a minute with CRIU's daemon. */
  Duration LIMIT = Duration.ofMinutes(4);

  /**
   * The program.
   *
   * @throws LabUnavailableException if this machine does not have it
   */
  Application application(StockPrograms stock, LabPrograms lab) throws LabUnavailableException;

  /** At the source, before the dump. */
  default void prepare(LineClient client) throws IOException, InterruptedException {}

  /** At the destination, right after the first answer; returns requests per second, if any. */
  default OptionalDouble work(LineClient client) throws IOException, InterruptedException {
    return OptionalDouble.empty();
  }

  /**
   * When all memory has arrived.
   *
   * @throws IOException if it is wrong
   */
  void check(LineClient client) throws IOException, InterruptedException;

  /** Requests per second, since a value of {@link System#nanoTime}. */
  static double perSecond(int requests, long startNanos) {
    return requests * 1e9 / (System.nanoTime() - startNanos);
  }

  /** Asks for something whose answer must begin with a text. */
  static void require(LineClient client, String request, String begin)
      throws IOException, InterruptedException {
    String answer = client.ask(request, LIMIT);
    if (!answer.startsWith(begin)) {
      throw new IOException(request + " was answered with " + answer);
    }
  }
}
