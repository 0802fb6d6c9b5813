import json

def predict(index):
    """ a task method without decorators returns json itself """
    if index==1:
        return json.dumps('ERROR[predict]: no model for 1')
    if index==2:
        return json.dumps({'ERROR': True, 'index': index})
    if index==3:
        return None
    return json.dumps({'index': index, 'class': 'forest'})
