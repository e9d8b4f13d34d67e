package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LabUnavailableException;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.Random;

/**
 * A redis with values of 800 bytes.
 *
 * @param keys how many
 * @param gets random ones to get while the memory arrives
 */
public record MovedRedis(int keys, int gets) implements MovedProcess {
  private static final int VALUE_BYTES = 800;
  private static final int CHECKED = 5000;

  @Override
  public Application application(StockPrograms stock, LabPrograms lab)
      throws LabUnavailableException {
    return Application.redis(stock);
  }

  @Override
  public void prepare(LineClient client) throws IOException, InterruptedException {
    MovedProcess.require(client, "DEBUG POPULATE " + keys + " key " + VALUE_BYTES, "+OK");
  }

  @Override
  public OptionalDouble work(LineClient client) throws IOException, InterruptedException {
    long start = System.nanoTime();
    getRandom(client, gets, 1);
    return OptionalDouble.of(MovedProcess.perSecond(gets, start));
  }

  @Override
  public void check(LineClient client) throws IOException, InterruptedException {
    MovedProcess.require(client, "DBSIZE", ":" + keys);
    getRandom(client, CHECKED, 2);
  }

  private void getRandom(LineClient client, int count, long seed)
      throws IOException, InterruptedException {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      get(client, random.nextInt(keys));
    }
  }

  /** DEBUG POPULATE writes {@code value:N}, followed by zero bytes. */
  private static void get(LineClient client, int key) throws IOException, InterruptedException {
    String request = "GET key:" + key;
    MovedProcess.require(client, request, "$" + VALUE_BYTES);
    String value = client.answer(request, LIMIT);
    String wanted = "value:" + key;
    if (value.length() != VALUE_BYTES
        || !value.startsWith(wanted)
        || value.substring(wanted.length()).chars().anyMatch(each -> each != 0)) {
      throw new IOException(request + " was answered with a wrong value");
    }
  }
}
