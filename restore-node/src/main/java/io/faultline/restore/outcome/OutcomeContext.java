package io.faultline.restore.outcome;

import io.faultline.proto.NodeEnvironment;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What outcomes need of a session.
 *
 * @param loop the session's
 * @param environment for its clock
 * @param workDirectory for the state that must survive this process
 * @param log gets lines for the user
 */
public record OutcomeContext(
    EventLoop loop, NodeEnvironment environment, Path workDirectory, Consumer<String> log) {

  /**
   * The outcome for a choice of the user.
   *
   * @throws IOException if the work directory cannot be used; the message is for the user
   */
  public Outcome create(OnFailure choice) throws IOException {
    return switch (choice) {
      case ROLLBACK -> new KillingOutcome(this, Outcome.Source.RUNS_ON);
      case KILL -> new KillingOutcome(this, Outcome.Source.ENDS);
      case HOLD -> new HoldingOutcome(this);
    };
  }

  /**
   * An outcome that continues with the processes of an earlier daemon, which was killed or has
   * failed with {@link OnFailure#HOLD}.
   *
   * @throws IOException if that is not possible; the message is for the user
   */
  public Outcome takeOver() throws IOException {
    return new ResumedOutcome(this);
  }
}
