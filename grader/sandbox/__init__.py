"""A student's code in a process of its own, and the questions that are put to it.

    examiner (trusted)                        runner (the student's process)
    Session --- frames over a pipe (wire) --- run: IPython, the notebook's cells
      RemoteSubject.run(script)  ---------->  LocalSubject.run(script)
      answers, plain arrays      <----------

What is expected never goes to the right. What comes back is data, and is not believed.
"""
