package io.faultline.cli.control;

import io.faultline.cli.options.Bandwidth;
import io.faultline.cli.options.HostPort;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.SourceSettings;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** A source that carries out commands. */
final class ControlledSource implements ControlledNode {
  private final MigrationSource source;
  private final CompletableFuture<OutgoingReport> result;
  private final String migrationId;

  /**
   * @param migrationId 32 digits
   */
  ControlledSource(
      MigrationSource source, CompletableFuture<OutgoingReport> result, String migrationId) {
    this.source = source;
    this.result = result;
    this.migrationId = migrationId;
  }

  @Override
  public ControlResponse handle(ControlRequest request) throws InterruptedException {
    return switch (request.getCommandCase()) {
      case QUERY -> {
        Outcomes.awaitEnd(request.getQuery(), result);
        yield Outcomes.status(SourceStatusJson.of(source.progress(), migrationId));
      }
      case SET_BANDWIDTH -> setBandwidth(request.getSetBandwidth().getBytesPerSecond());
      case SWITCH_OVER -> Outcomes.await(source.requestSwitchover());
      case CANCEL -> Outcomes.await(source.requestCancel());
      case PAUSE -> Outcomes.await(source.pauseBulk());
      case RESUME -> Outcomes.await(source.resumeBulk());
      case SET_DESTINATION -> addDestination(request.getSetDestination().getAddress());
      case TAKE_SNAPSHOT -> Outcomes.noSnapshot();
      case COMMAND_NOT_SET -> Outcomes.response(ControlOutcome.refused("an unknown command"));
    };
  }

  @Override
  public boolean hasEnded() {
    return result.isDone();
  }

  private ControlResponse setBandwidth(long bytesPerSecond) throws InterruptedException {
    long limit = bytesPerSecond == 0 ? SourceSettings.UNLIMITED : bytesPerSecond;
    if (limit < 0) {
      return Outcomes.response(
          ControlOutcome.refused("a bandwidth of " + Long.toUnsignedString(bytesPerSecond)));
    }
    ControlResponse response = Outcomes.await(source.requestBandwidth(limit));
    return response.getDone()
        ? Outcomes.response(
            ControlOutcome.done("the bandwidth limit is now " + new Bandwidth(limit)))
        : response;
  }

  private ControlResponse addDestination(String text) throws InterruptedException {
    InetSocketAddress address;
    try {
      address = HostPort.parse(text).resolve();
    } catch (IllegalArgumentException e) {
      return Outcomes.response(ControlOutcome.refused(String.valueOf(e.getMessage())));
    }
    return Outcomes.await(source.addDestination(address));
  }
}
