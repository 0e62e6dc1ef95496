package io.sherd.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Adds to the failure of a test over which map it ran: reports number the maps and do not name them. */
final class FixtureInFailure implements TestExecutionExceptionHandler {

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (context.getRequiredTestInstance() instanceof MapContract contract) {
            failure.addSuppressed(new Ran("over the map \"" + contract.fixture.name() + "\""));
        }
        throw failure;
    }

    private static final class Ran extends Exception {
        private static final long serialVersionUID = 1L;

        Ran(String over) {
            super(over, null, false, false);
        }
    }
}
