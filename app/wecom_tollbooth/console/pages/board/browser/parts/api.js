// Calls of the board: the control API and the follow-up operations, both through the console.

// A refusal or a failure. `errcode` is 0 where no errcode was answered; `sentence` is for people.
export class CallError extends Error {
  constructor(sentence, errcode = 0) {
    super(sentence);
    this.sentence = sentence;
    this.errcode = errcode;
  }
}

export class Api {
  // `took(operation, milliseconds)` is told how long each follow-up operation took.
  constructor(corpid, took) {
    this.corpid = corpid;
    this.took = took;
  }

  async followUp(operation, body = {}) {
    const start = performance.now();
    const reply = await this.call(`externalcontact/follow_up/${operation}`, body);
    this.took(operation, performance.now() - start);
    return reply;
  }

  // What early.js has asked for the cards of `userid`, once: [follow_ups, board]; null if it hasn't.
  async early(userid) {
    const early = window.tollboothBoard;
    window.tollboothBoard = null;
    if (early?.userid !== userid) return null;
    const [place, { reply, milliseconds }] = await answered(Promise.all([early.place, early.board]));
    this.took("board", milliseconds);
    return [place, accepted(reply)];
  }

  async call(operation, body = {}) {
    return accepted(await answered(window.tollbooth.call(this.corpid, operation, body)));
  }

  control(method, path, body) {
    return answered(window.tollbooth.control(this.corpid, method, `/${path}`, body));
  }
}

function accepted(reply) {
  if (reply.errcode) throw new CallError(reply.errmsg || "", reply.errcode);
  return reply;
}

async function answered(asked) {
  try {
    return await asked;
  } catch (error) {
    throw new CallError(error.status ? error.message : ""); // without a status, nobody answered
  }
}
