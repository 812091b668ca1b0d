from tests.app.evaluations.test_evaluations import *
from tests.app.evaluations.test_evaluations import foil, contributor
def test_probe(house, contributor, project, foil):
    chain = lithium_004()
    tell(contributor, foil, chain)
    dataset = add_dataset(house, foil, project.id)
    exp = image(contributor, foil, chain, dataset_id=dataset, exposure_s={"value": 5.0, "source":"header"})
    evaluation = judge(contributor, dataset)
    print(evaluation["verdict"], evaluation["at"], {k:v for k,v in told(evaluation).items() if "dose" in k or "imaging" in k})
    evaluation = judge(contributor, foil)
    print(evaluation["verdict"], {k:v for k,v in told(evaluation).items() if "dose" in k})
    assert 0
